import type {BaseCommand} from './base-command.ts'

/** What a file of commands/ brings: a class that can be made and run. */
export type CommandClass = Pick<typeof BaseCommand, 'summary' | 'examples' | 'flags' | 'endsFlagsAtArgument'> & {
  id: string
  new (argv: string[], config: BaseCommand['config']): BaseCommand
}

/** The table of contents: the name of each command and where it is. After a change: `npm run manifest`. */
export const commands: Readonly<Record<string, () => Promise<CommandClass>>> = {
  build: async () => (await import('./commands/build.ts')).Build,
  check: async () => (await import('./commands/check.ts')).Check,
  ci: async () => (await import('./commands/ci.ts')).Ci,
  config: async () => (await import('./commands/config/index.ts')).Config,
  'config:set': async () => (await import('./commands/config/set.ts')).ConfigSet,
  'config:unset': async () => (await import('./commands/config/unset.ts')).ConfigUnset,
  deploy: async () => (await import('./commands/deploy.ts')).Deploy,
  doctor: async () => (await import('./commands/doctor.ts')).Doctor,
  domains: async () => (await import('./commands/domains/index.ts')).Domains,
  'domains:add': async () => (await import('./commands/domains/add.ts')).DomainsAdd,
  'domains:remove': async () => (await import('./commands/domains/remove.ts')).DomainsRemove,
  env: async () => (await import('./commands/env.ts')).Env,
  'features:disable': async () => (await import('./commands/features/disable.ts')).FeaturesDisable,
  'features:enable': async () => (await import('./commands/features/enable.ts')).FeaturesEnable,
  logs: async () => (await import('./commands/logs.ts')).Logs,
  'maintenance:off': async () => (await import('./commands/maintenance/off.ts')).MaintenanceOff,
  'maintenance:on': async () => (await import('./commands/maintenance/on.ts')).MaintenanceOn,
  open: async () => (await import('./commands/open.ts')).Open,
  pool: async () => (await import('./commands/pool/index.ts')).Pool,
  'pool:create': async () => (await import('./commands/pool/create.ts')).PoolCreate,
  'pool:destroy': async () => (await import('./commands/pool/destroy.ts')).PoolDestroy,
  'pool:drain': async () => (await import('./commands/pool/drain.ts')).PoolDrain,
  'pool:hosts': async () => (await import('./commands/pool/hosts.ts')).PoolHosts,
  'pool:info': async () => (await import('./commands/pool/info.ts')).PoolInfo,
  'pool:policy': async () => (await import('./commands/pool/policy.ts')).PoolPolicy,
  'pool:scale': async () => (await import('./commands/pool/scale.ts')).PoolScale,
  'pool:stack': async () => (await import('./commands/pool/stack.ts')).PoolStack,
  ps: async () => (await import('./commands/ps/index.ts')).Ps,
  'ps:restart': async () => (await import('./commands/ps/restart.ts')).PsRestart,
  'ps:scale': async () => (await import('./commands/ps/scale.ts')).PsScale,
  'ps:stop': async () => (await import('./commands/ps/stop.ts')).PsStop,
  releases: async () => (await import('./commands/releases.ts')).Releases,
  rollback: async () => (await import('./commands/rollback.ts')).Rollback,
  router: async () => (await import('./commands/router.ts')).Router,
  'shell-init': async () => (await import('./commands/shell-init.ts')).ShellInit,
  slugs: async () => (await import('./commands/slugs/index.ts')).Slugs,
  'slugs:export': async () => (await import('./commands/slugs/export.ts')).SlugsExport,
  'slugs:import': async () => (await import('./commands/slugs/import.ts')).SlugsImport,
  'slugs:info': async () => (await import('./commands/slugs/info.ts')).SlugsInfo,
  'slugs:pin': async () => (await import('./commands/slugs/pin.ts')).SlugsPin,
  'slugs:prune': async () => (await import('./commands/slugs/prune.ts')).SlugsPrune,
  'slugs:unpack': async () => (await import('./commands/slugs/unpack.ts')).SlugsUnpack,
  'slugs:unpin': async () => (await import('./commands/slugs/unpin.ts')).SlugsUnpin,
  'slugs:verify': async () => (await import('./commands/slugs/verify.ts')).SlugsVerify,
  start: async () => (await import('./commands/start.ts')).Start,
  status: async () => (await import('./commands/status.ts')).Status,
  stop: async () => (await import('./commands/stop.ts')).Stop,
}
