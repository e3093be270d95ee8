import type {FlagTable} from './flag-table.ts'

/** Flags of every command (cli.md section 1). */
export const commonFlags = {
  root: {kind: 'string', value: 'DIR', summary: "The app's folder (default: the current one)."},
  json: {kind: 'boolean', summary: 'One JSON document on stdout; for streams one object a line.'},
  color: {kind: 'boolean', hasNo: true, summary: 'Colour on a terminal.', isHidden: true},
} as const satisfies FlagTable

/** Flags that say how a slug is built (cli.md section 7), taken by `build`, `start --build`, `run --build`, `ci` and `deploy`. */
export const buildFlags = {
  buildpack: {
    kind: 'string',
    isMultiple: true,
    value: 'REF',
    summary: 'Buildpack: a folder, a name, a git URL with #ref, a .tgz.',
    group: 'BUILD',
  },
  stack: {kind: 'string', value: 'NAME', summary: 'Stack to build for (default: heroku-24).', group: 'BUILD'},
  commit: {kind: 'string', value: 'REV', summary: 'Build this commit instead of the files as they are.', group: 'BUILD'},
  'clear-cache': {kind: 'boolean', summary: "Forget the app's build cache first.", group: 'BUILD'},
  'build-network': {
    kind: 'string',
    options: ['all', 'registries', 'none'],
    summary: 'What a build may reach.',
    group: 'BUILD',
  },
  'env-var': {kind: 'string', isMultiple: true, value: 'A=1', summary: 'A config var for this time only.', group: 'BUILD'},
} as const satisfies FlagTable

/** How the app runs: flags that `start`, `run` and `ci` share. */
export const runFlags = {
  procfile: {kind: 'string', char: 'f', value: 'FILE', summary: 'Procfile to read (default: Procfile).'},
  env: {
    kind: 'string',
    char: 'e',
    isMultiple: true,
    isList: true,
    value: 'FILE',
    summary: 'Config vars; repeatable, later wins (default: .env).',
  },
  expand: {kind: 'boolean', summary: 'Expand $NAME in values of .env.'},
  isolation: {kind: 'string', options: ['auto', 'sandbox', 'own-uid', 'process'], summary: 'How strongly dynos are kept apart.'},
  slug: {kind: 'string', value: 'ID', summary: 'Run a slug from the store, as production would.'},
  build: {kind: 'boolean', summary: 'Build a slug first, then run that.'},
  size: {kind: 'string', char: 's', isMultiple: true, isList: true, value: 'TYPE=SIZE', summary: 'Dyno size, with its memory quota.'},
} as const satisfies FlagTable

/** Flags of `start` (cli.md section 2). */
export const startFlags = {
  ...commonFlags,
  ...runFlags,
  port: {kind: 'integer', char: 'p', value: 'N', summary: 'Port of the router (default: 5006; 0: any free one).'},
  listen: {
    kind: 'string',
    isMultiple: true,
    isList: true,
    value: 'ADDRESS',
    summary: 'Addresses of the router (default: 127.0.0.1 and ::1).',
  },
  domain: {kind: 'string', isMultiple: true, isList: true, value: 'HOST', summary: "A further host name for web ('*': any)."},
  formation: {kind: 'string', char: 'm', value: 'all=1,web=2', summary: 'How many dynos of each type.'},
  except: {kind: 'string', char: 'x', isMultiple: true, isList: true, value: 'TYPE', summary: 'All types but these.'},
  watch: {kind: 'boolean', char: 'w', hasNo: true, summary: 'Restart what a saved file concerns.'},
  detach: {kind: 'boolean', char: 'd', hasNo: true, summary: 'Return when the app is ready, and leave it running.'},
  'exit-on': {
    kind: 'string',
    options: ['never', 'any', 'error', 'all-done'],
    summary: 'Stop at the first end of a dyno, at the first failure, or when none is left (default: never).',
  },
  'boot-timeout': {kind: 'string', value: 'SECONDS', summary: 'How long web may take to listen on $PORT (default: 60; none).'},
  'timeout-stop': {kind: 'string', value: 'SECONDS', summary: 'From SIGTERM to SIGKILL (default: 10; 30 for a slug).'},
  after: {kind: 'string', isMultiple: true, isList: true, value: 'worker=web', summary: 'Start a type only when another one is up.'},
  tty: {kind: 'string', value: 'TYPE', summary: 'Give that dyno a terminal of its own (see attach).'},
  timestamps: {kind: 'boolean', hasNo: true, summary: 'Time of day before each line.'},
  'log-format': {kind: 'string', options: ['short', 'heroku', 'json', 'raw'], summary: 'Form of the log.'},
  'forwarded-proto': {kind: 'string', options: ['http', 'https'], summary: 'X-Forwarded-Proto that the app sees.'},
  tls: {kind: 'boolean', hasNo: true, summary: 'HTTPS beside HTTP, from a local certificate authority.'},
  'tls-port': {kind: 'integer', value: 'N', summary: 'Port for HTTPS.'},
  router: {kind: 'boolean', hasNo: true, summary: 'The router; --no-router runs the processes only.'},
  ...buildFlags,
} as const satisfies FlagTable
