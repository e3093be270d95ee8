import {expect, test} from 'vitest'
import {flagWords} from '../../src/cli/flag-sources.ts'

const flags = {
  port: {type: 'option', char: 'p'},
  env: {type: 'option', char: 'e', multiple: true},
  watch: {type: 'boolean', char: 'w'},
  router: {type: 'boolean', allowNo: true},
  slug: {type: 'option', exclusive: ['build']},
  build: {type: 'boolean'},
} as const

const homeportEnv = new Map([['HOMEPORT_PORT', '2']])
const foreman = new Map([['port', '3']])

test('a flag beats the shell, the shell beats .homeport.env, that beats .foreman', () => {
  const shell = {HOMEPORT_PORT: '1'}
  expect(flagWords(['-p', '0'], flags, {shell, homeportEnv, foreman}).words).toEqual([])
  expect(flagWords(['web'], flags, {shell, homeportEnv, foreman}).words).toEqual(['--port=1'])
  expect(flagWords([], flags, {shell: {}, homeportEnv, foreman}).words).toEqual(['--port=2'])
  expect(flagWords([], flags, {shell: {}, foreman}).words).toEqual(['--port=3'])
  expect(flagWords([], flags, {shell: {}}).words).toEqual([])
})

test('it is known where a flag was set', () => {
  expect(flagWords([], flags, {shell: {HOMEPORT_WATCH: '1'}, homeportEnv}).origins).toEqual(
    new Map([
      ['port', 'HOMEPORT_PORT in .homeport.env'],
      ['watch', 'HOMEPORT_WATCH'],
    ]),
  )
  expect(flagWords([], flags, {shell: {HOMEPORT_WATCH: '0'}}).origins).toEqual(new Map())
  expect(flagWords([], flags, {shell: {}, foreman}).origins).toEqual(new Map([['port', '.foreman']]))
})

test.for([
  [{HOMEPORT_ENV: 'a, b,'}, ['--env=a', '--env=b']],
  [{HOMEPORT_WATCH: '1'}, ['--watch']],
  [{HOMEPORT_WATCH: 'false'}, []],
  [{HOMEPORT_ROUTER: '0'}, ['--no-router']],
  [{HOMEPORT_ROUTER: 'yes'}, ['--router']],
  [{HOMEPORT_PORT: ''}, []],
  [{HOMEPORT_PORT: '-1'}, ['--port=-1']],
  [{PORT: '80', HOMEPORT_NOPE: '1'}, []],
] as const)('%o gives %j', ([shell, words]) => {
  expect(flagWords([], flags, {shell}).words).toEqual(words)
})

test('a variable gives way to a typed flag that it cannot stand beside', () => {
  expect(flagWords(['--build'], flags, {shell: {HOMEPORT_SLUG: 'abc123'}}).words).toEqual([])
})
