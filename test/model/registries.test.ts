import {expect, test} from 'vitest'
import {isRegistry, registryNetwork} from '../../src/model/registries.ts'

test('the registries of all languages are known', () => {
  const network = registryNetwork({})
  const hosts = ['registry.npmjs.org', 'pypi.org', 'files.pythonhosted.org', 'proxy.golang.org', 'repo.maven.apache.org', 'deb.debian.org']
  expect(hosts.filter(host => !isRegistry(host, network))).toEqual([])
  expect(network.upstreamProxy).toBeUndefined()
})

test.for(['example.com', 'evil-pypi.org', 'pypi.org.evil.com', '127.0.0.1', 'localhost', '169.254.169.254', ''])('%s is none', host => {
  expect(isRegistry(host, registryNetwork({}))).toBe(false)
})

test('a host is one whatever its letter case and a last dot, and a leading dot stands for all below', () => {
  const network = {allow: ['pypi.org', '.corp.example']}
  expect(['PyPI.org', 'pypi.org.', 'npm.corp.example', 'corp.example'].map(host => isRegistry(host, network))).toEqual([
    true,
    true,
    true,
    false,
  ])
})

test('variables name registries of one’s own and the proxy in front of them', () => {
  const network = registryNetwork({
    npm_config_registry: 'https://npm.corp.example/repo/',
    PIP_INDEX_URL: 'https://user:secret@pip.corp.example/simple',
    GOPROXY: 'https://go.corp.example|https://go2.corp.example,direct',
    HTTPS_PROXY: 'http://proxy.corp.example:3128',
  })
  const hosts = ['npm.corp.example', 'pip.corp.example', 'go.corp.example', 'go2.corp.example']
  expect(hosts.filter(host => !isRegistry(host, network))).toEqual([])
  expect(network.upstreamProxy).toBe('http://proxy.corp.example:3128')
  expect(JSON.stringify(network)).not.toContain('secret')
})
