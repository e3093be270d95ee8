import type {DynoSize} from './dyno-size.ts'
import type {ExitPolicy} from './exit-policy.ts'
import type {FormationWishes} from './formation.ts'
import type {PortWishes} from './plan-port.ts'

/** What the user asked of `start` (cli.md section 2), read and checked; times in milliseconds. */
export type StartOptions = {
  readonly formation: FormationWishes
  readonly port: PortWishes
  readonly addresses: readonly string[]
  readonly domains: readonly string[]
  readonly hasRouter: boolean
  readonly exitOn: ExitPolicy
  /** Infinity for `none`. */
  readonly bootMs: number
  readonly stopMs: number
  /** `worker=web` entries. */
  readonly after: readonly string[]
  readonly isWatching: boolean
  /** The tier that was named; none: `process` for a folder, the strongest that works for a slug. */
  readonly isolation?: 'auto' | 'sandbox' | 'own-uid' | 'process'
  /** The weakest tier that will do; a weaker one is an error. */
  readonly requiredTier?: 'sandbox' | 'own-uid' | 'process'
  readonly sizes: ReadonlyMap<string, DynoSize>
  /** The type whose dyno gets a terminal of its own. */
  readonly tty?: string
  readonly forwardedProto?: 'http' | 'https'
  /** HTTPS beside HTTP, on this port. */
  readonly tls?: Omit<PortWishes, 'envFile'>
  /** The log is shown on a terminal with colour: dynos are told to colour their output. */
  readonly hasColour: boolean
}
