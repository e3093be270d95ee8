import type {StdioOptions} from 'node:child_process'
import {openSync} from 'node:fs'

/** Descriptors that children would inherit, since an addon opened them without close-on-exec and Node cannot set it. */
const covered = new Set<number>()
let nothing: number | undefined

export type Stdio = Exclude<StdioOptions, string>[number]

/** From now on children get /dev/null in the place of this descriptor, if they are started with `coveredStdio`. */
export function coverInChildren(descriptor: number): void {
  covered.add(descriptor)
}

/** It is closed, and its number may be given again. */
export function uncover(descriptor: number): void {
  covered.delete(descriptor)
}

/** `stdio` of a child that must not inherit what is covered: a terminal that belongs to another one. */
export function coveredStdio(stdio: readonly Stdio[]): Stdio[] {
  const last = Math.max(stdio.length - 1, ...covered)
  nothing ??= covered.size === 0 ? undefined : openSync('/dev/null', 'r+')
  return Array.from({length: last + 1}, (_, descriptor) => {
    if (descriptor < stdio.length) return stdio[descriptor]
    // `ignore` leaves a descriptor above 2 as it is, and all others of ours are closed by themselves.
    return covered.has(descriptor) ? nothing : 'ignore'
  })
}
