import {fstatSync} from 'node:fs'

/** Whether a descriptor is a terminal. Only a device is looked at closer: loading node:tty costs a fast command a tenth of its time. */
export function isTerminal(descriptor: 0 | 1 | 2): boolean {
  try {
    return fstatSync(descriptor).isCharacterDevice() && process.getBuiltinModule('node:tty').isatty(descriptor)
  } catch {
    return false // closed
  }
}
