/** What a build may reach with `--build-network registries`. */
export type RegistryNetwork = {
  /** Host names in lower case; `.example.com` stands for all below it. */
  readonly allow: readonly string[]
  /** The proxy that this machine goes out through: `http://host:port`. */
  readonly upstreamProxy?: string
}

/** The package registries of the languages that have a buildpack, and where their runtimes are kept. */
const known = [
  ...['registry.npmjs.org', 'registry.yarnpkg.com', 'repo.yarnpkg.com', 'nodejs.org'],
  ...['pypi.org', 'files.pythonhosted.org'],
  ...['proxy.golang.org', 'sum.golang.org', 'storage.googleapis.com', 'go.dev', 'dl.google.com'],
  ...['repo.maven.apache.org', 'repo1.maven.org', 'services.gradle.org', 'plugins.gradle.org', 'plugins-artifacts.gradle.org'],
  ...['rubygems.org', 'index.rubygems.org', 'packagist.org', 'repo.packagist.org'],
  ...[
    'index.crates.io',
    'static.crates.io',
    'crates.io',
    'deb.debian.org',
    'security.debian.org',
    'archive.ubuntu.com',
    'security.ubuntu.com',
  ],
]

/** Variables by which a user names a registry of his own. */
const registryVariables = [
  ...['npm_config_registry', 'NPM_CONFIG_REGISTRY', 'YARN_NPM_REGISTRY_SERVER', 'NODEJS_ORG_MIRROR'],
  ...[
    'PIP_INDEX_URL',
    'PIP_EXTRA_INDEX_URL',
    'UV_INDEX_URL',
    'UV_DEFAULT_INDEX',
    'GOPROXY',
    'GOSUMDB',
    'BUNDLE_MIRROR__ALL',
    'MAVEN_MIRROR_URL',
  ],
]

const proxyVariables = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'all_proxy']

/** The registries that are known, those that variables of `env` name, and the proxy in front of them. */
export function registryNetwork(env: Readonly<Record<string, string>>): RegistryNetwork {
  const named = registryVariables.flatMap(name => (env[name] ?? '').split(/[\s,|]+/)).flatMap(hostOf)
  const upstreamProxy = proxyVariables.map(name => env[name] ?? '').find(text => text.startsWith('http://'))
  return {allow: [...new Set([...known, ...named])], ...(upstreamProxy === undefined ? {} : {upstreamProxy})}
}

/** Whether a build with that network may reach a host. */
export function isRegistry(host: string, {allow}: RegistryNetwork): boolean {
  const name = host.toLowerCase().replace(/\.$/, '')
  return allow.some(allowed => (allowed.startsWith('.') ? name.endsWith(allowed) : name === allowed))
}

function hostOf(text: string): readonly string[] {
  try {
    const {hostname} = new URL(text)
    return hostname === '' ? [] : [hostname.toLowerCase()]
  } catch {
    return []
  }
}
