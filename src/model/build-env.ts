/** Variables that tell a program how this machine reaches the world; builds and dynos of slugs keep them (findings 5.1, rule 19). */
const machineVariables = new Set([
  'ALL_PROXY',
  'AWS_CA_BUNDLE',
  'BUNDLE_SSL_CA_CERT',
  'CARGO_HTTP_CAINFO',
  'CURL_CA_BUNDLE',
  'FTP_PROXY',
  'GIT_SSL_CAINFO',
  'GIT_SSL_CAPATH',
  'HTTPS_PROXY',
  'HTTP_PROXY',
  'NIX_SSL_CERT_FILE',
  'NODE_EXTRA_CA_CERTS',
  'NODE_USE_ENV_PROXY',
  'NODE_USE_SYSTEM_CA',
  'NO_PROXY',
  'NPM_CONFIG_CAFILE',
  'PIP_CERT',
  'REQUESTS_CA_BUNDLE',
  'SSL_CERT_DIR',
  'SSL_CERT_FILE',
])

type Env = Readonly<Record<string, string>>

/** The certificate and proxy variables of `shellEnv`, in either case of letters. */
export function machineEnv(shellEnv: Env): Env {
  return Object.fromEntries(Object.entries(shellEnv).filter(([name]) => machineVariables.has(name.toUpperCase())))
}

export type BuildEnvOptions = {
  readonly shellEnv: Env
  readonly stack: string
  readonly sourceVersion: string
  readonly requestId: string
}

/** The environment of a buildpack’s scripts (platform.md d.3) but for HOME and TMPDIR, which are their room’s: never a config var, those lie in ENV_DIR. */
export function buildEnv({shellEnv, stack, sourceVersion, requestId}: BuildEnvOptions): Env {
  const path = (shellEnv['PATH'] ?? '').split(':').filter(folder => folder.startsWith('/'))
  return {
    ...machineEnv(shellEnv),
    PATH: path.length > 0 ? path.join(':') : '/usr/local/bin:/usr/bin:/bin',
    LANG: 'C.UTF-8',
    STACK: stack,
    SOURCE_VERSION: sourceVersion,
    REQUEST_ID: requestId,
  }
}

/** The config vars that ENV_DIR can hold as files: a name with `/` or that is `.` or `..` is none. */
export function envFiles(configVars: ReadonlyMap<string, string>): readonly (readonly [string, string])[] {
  return [...configVars].filter(([name]) => name !== '' && !/[/\0]/.test(name) && name !== '.' && name !== '..')
}
