import {urlVariable} from './dyno.ts'

export type DynoEnvParts = {
  /** The shell's variables for a folder; config vars and machine variables (certificates, proxies) for a slug. */
  readonly base: Readonly<Record<string, string>>
  readonly configVars: Readonly<Record<string, string>>
  readonly name: string
  readonly type: string
  readonly port: number
  /** Type -> URL under which it answers, this dyno's own type included. */
  readonly urls: ReadonlyMap<string, string>
  /** In a folder: unbuffered Python, and colour when the log is a terminal that shows it. Never over the user's own value. */
  readonly comfort?: {readonly colour: boolean}
}

/** The exact environment of a dyno (cli.md section 2): the shell's or the clean one, then config vars, then ours; `PORT` always wins. */
export function dynoEnv({base, configVars, name, type, port, urls, comfort}: DynoEnvParts): Record<string, string> {
  const env: Record<string, string> = comfort === undefined ? {} : {PYTHONUNBUFFERED: '1'}
  if (comfort?.colour) Object.assign(env, {FORCE_COLOR: '1', CLICOLOR_FORCE: '1'})
  Object.assign(env, base, configVars, {PORT: String(port), DYNO: name, PS: name})
  for (const [other, url] of urls) if (other !== type) env[urlVariable(other)] = url
  return env
}

/** The environment of a dyno with a terminal of its own, which needs a TERM: started from a script there may be none, or one that says that nothing can be shown. */
export function terminalEnv(env: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const known = env['TERM'] ?? ''
  return {...env, TERM: known === '' || known === 'dumb' ? 'xterm-256color' : known}
}

/** Variables through which a machine tells its programs about certificates and proxies; they pass into clean environments too. */
const machineVariables = new Set([
  'NODE_EXTRA_CA_CERTS',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'GIT_SSL_CAINFO',
  'CURL_CA_BUNDLE',
  'REQUESTS_CA_BUNDLE',
  'PIP_CERT',
  'AWS_CA_BUNDLE',
  'NIX_SSL_CERT_FILE',
  'CARGO_HTTP_CAINFO',
  'DENO_CERT',
])

/** The certificate and proxy variables of the machine (cli.md section 2; findings 5.1 rule 19). */
export function machineEnv(shellEnv: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(shellEnv).filter(([name]) => machineVariables.has(name) || /^(https?|ftp|all|no)_proxy$/i.test(name)),
  )
}
