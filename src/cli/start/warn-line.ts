import {isatty} from 'node:tty'
import {painter, wantsColour} from '../colour.ts'
import {renderWarning} from '../render/error.ts'
import {writeNow} from '../write.ts'

/** A warning on standard error, in the shape of an error. */
export function warnLine(text: string): void {
  writeNow(2, renderWarning(text, painter(wantsColour({isTerminal: isatty(2), env: process.env}))))
}
