import type {CommandLine, DynoSpec} from '../../../model/dyno.ts'

/** How strongly a dyno is kept apart, strongest first. */
export const tiers = ['sandbox', 'own-uid', 'process'] as const
export type Tier = (typeof tiers)[number]

/** Whether a tier works on this machine, found out by trying; if not, why, and what mends it. */
export type Probe = {readonly works: true} | {readonly works: false; readonly reason: string; readonly fix: string}

/** The seam of the isolation tiers: one file each, listed in catalog.ts. */
export type Isolation = {
  readonly tier: Tier
  probe(): Promise<Probe>
  /** Pure: what to start so that `spec` runs under this tier. */
  wrap(spec: DynoSpec): CommandLine
}
