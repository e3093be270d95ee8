import type {FlagTable} from './flag-table.ts'

/** Flags of every command (cli.md section 1). */
export const commonFlags = {
  root: {type: 'option', helpValue: 'DIR', summary: "The app's folder (default: the current one)."},
  app: {type: 'option', char: 'a', helpValue: 'NAME', summary: 'A running app by its name, or an app of the pool.'},
  json: {type: 'boolean', summary: 'One JSON document on stdout; for streams one object a line.'},
  color: {type: 'boolean', allowNo: true, summary: 'Colour on a terminal.'},
} as const satisfies FlagTable

/** Flags that say how a slug is built (cli.md section 7), taken by `build`, `start --build`, `run --build`, `ci` and `deploy`. */
export const buildFlags = {
  buildpack: {
    type: 'option',
    multiple: true,
    helpValue: 'REF',
    summary: 'Buildpack: a folder, a name, a git URL with #ref, a .tgz.',
    helpGroup: 'BUILD',
  },
  stack: {type: 'option', helpValue: 'NAME', summary: 'Stack to build for (default: heroku-24).', helpGroup: 'BUILD'},
  commit: {type: 'option', helpValue: 'REV', summary: 'Build this commit instead of the files as they are.', helpGroup: 'BUILD'},
  'clear-cache': {type: 'boolean', summary: "Forget the app's build cache first.", helpGroup: 'BUILD'},
  'build-network': {
    type: 'option',
    options: ['all', 'registries', 'none'],
    summary: 'What a build may reach.',
    helpGroup: 'BUILD',
  },
  'env-var': {type: 'option', multiple: true, helpValue: 'A=1', summary: 'A config var for this time only.', helpGroup: 'BUILD'},
} as const satisfies FlagTable

/** How the app runs: flags that `start`, `run` and `ci` share. */
export const runFlags = {
  procfile: {type: 'option', char: 'f', helpValue: 'FILE', summary: 'Procfile to read (default: Procfile).'},
  env: {
    type: 'option',
    char: 'e',
    multiple: true,
    isList: true,
    helpValue: 'FILE',
    summary: 'Config vars; repeatable, later wins (default: .env).',
  },
  expand: {type: 'boolean', summary: 'Expand $NAME in values of .env.'},
  isolation: {type: 'option', options: ['auto', 'sandbox', 'own-uid', 'process'], summary: 'How strongly dynos are kept apart.'},
  slug: {type: 'option', helpValue: 'ID', summary: 'Run a slug from the store, as production would.'},
  build: {type: 'boolean', summary: 'Build a slug first, then run that.'},
  size: {type: 'option', char: 's', multiple: true, isList: true, helpValue: 'TYPE=SIZE', summary: 'Dyno size, with its memory quota.'},
} as const satisfies FlagTable

/** Flags of `start` (cli.md section 2). */
export const startFlags = {
  ...commonFlags,
  ...runFlags,
  port: {type: 'option', isInteger: true, char: 'p', helpValue: 'N', summary: 'Port of the router (default: 5006; 0: any free one).'},
  listen: {
    type: 'option',
    multiple: true,
    isList: true,
    helpValue: 'ADDRESS',
    summary: 'Addresses of the router (default: 127.0.0.1 and ::1).',
  },
  domain: {type: 'option', multiple: true, isList: true, helpValue: 'HOST', summary: "A further host name for web ('*': any)."},
  formation: {type: 'option', char: 'm', helpValue: 'all=1,web=2', summary: 'How many dynos of each type.'},
  except: {type: 'option', char: 'x', multiple: true, isList: true, helpValue: 'TYPE', summary: 'All types but these.'},
  watch: {type: 'boolean', char: 'w', allowNo: true, summary: 'Restart what a saved file concerns.'},
  detach: {type: 'boolean', char: 'd', allowNo: true, summary: 'Return when the app is ready, and leave it running.'},
  'exit-on': {
    type: 'option',
    options: ['never', 'any', 'error', 'all-done'],
    summary: 'Stop at the first end of a dyno, at the first failure, or when none is left (default: never).',
  },
  'boot-timeout': {type: 'option', helpValue: 'SECONDS', summary: 'How long web may take to listen on $PORT (default: 60; none).'},
  'timeout-stop': {type: 'option', helpValue: 'SECONDS', summary: 'From SIGTERM to SIGKILL (default: 10; 30 for a slug).'},
  after: {type: 'option', multiple: true, isList: true, helpValue: 'worker=web', summary: 'Start a type only when another one is up.'},
  tty: {type: 'option', helpValue: 'TYPE', summary: 'Give that dyno a terminal of its own (see attach).'},
  timestamps: {type: 'boolean', allowNo: true, summary: 'Time of day before each line.'},
  'log-format': {type: 'option', options: ['short', 'heroku', 'json', 'raw'], summary: 'Form of the log.'},
  'forwarded-proto': {type: 'option', options: ['http', 'https'], summary: 'X-Forwarded-Proto that the app sees.'},
  tls: {type: 'boolean', allowNo: true, summary: 'HTTPS beside HTTP, from a local certificate authority.'},
  'tls-port': {
    type: 'option',
    isInteger: true,
    helpValue: 'N',
    summary: 'Port for HTTPS (default: 5443; 0: any free one).',
  },
  router: {type: 'boolean', allowNo: true, summary: 'The router; --no-router runs the processes only.'},
  ...buildFlags,
} as const satisfies FlagTable
