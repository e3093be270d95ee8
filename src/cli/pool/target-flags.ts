import {Flags} from '@oclif/core'
import {HomeportError} from '../../model/error.ts'

/** Where: the pool on EC2; without it this machine (cli.md section 9). */
export const targetFlags = {
  target: Flags.string({summary: 'Where: ec2, a pool of machines (default: this machine).', helpValue: 'ec2'}),
  pool: Flags.string({summary: 'The pool (default: the only one).', helpValue: 'NAME'}),
}

export const waitFlag = {wait: Flags.boolean({summary: 'Wait when somebody else is deploying, instead of giving up.'})}

type TargetFlags = {readonly target: string | undefined; readonly pool?: string | undefined}

/** Whether the pool is meant. Throws USAGE for a target that there is not, and for --pool without --target ec2. */
export function isPoolTarget({target, pool}: TargetFlags): boolean {
  if (target === 'ec2') return true
  if (target !== undefined) throw new HomeportError('USAGE', `There is no target “${target}”.`, {hint: 'The target is ec2: --target ec2.'})
  if (pool !== undefined) throw new HomeportError('USAGE', '--pool goes with --target ec2.', {hint: 'Add --target ec2.'})
  return false
}

/** For commands that have only the pool to work on. `hint`: what to do on this machine instead. */
export function requirePoolTarget(flags: TargetFlags, {command, hint}: {readonly command: string; readonly hint: string}): void {
  if (isPoolTarget(flags)) return
  throw new HomeportError('USAGE', `\`homeport ${command}\` needs a target.`, {hint})
}

/** The app on the pool: `-a`, which must be given. */
export function requireApp(app: string | undefined): string {
  if (app !== undefined) return app
  throw new HomeportError('USAGE', 'Which app of the pool?', {hint: 'Name it with -a APP.'})
}
