import {painter, wantsColour} from './colour.ts'
import {describeError} from './describe-error.ts'
import {isTerminal} from './is-terminal.ts'
import {errorDocument, renderError} from './render/error.ts'
import {isOn} from './settings.ts'
import {StdoutClosedError, stdoutClosedCode, writeNow} from './write.ts'

export type ReportOptions = {
  readonly isJson?: boolean
  /** `--color` or `--no-color`, when one was typed. */
  readonly colourFlag?: boolean | undefined
}

/** Writes an error, as text to stderr or as JSON to stdout, and gives the exit code. The one place where an error becomes either. */
export function reportError(error: unknown, {isJson = false, colourFlag}: ReportOptions = {}): number {
  if (error instanceof StdoutClosedError) return stdoutClosedCode
  const facts = describeError(error)
  const withStack = isOn(process.env['HOMEPORT_DEBUG'])
  if (!isJson) {
    writeNow(2, renderError(facts, painter(wantsColour({isTerminal: isTerminal(2), flag: colourFlag, env: process.env})), {withStack}))
    return facts.exitCode
  }
  try {
    writeNow(1, `${JSON.stringify(errorDocument(facts, {withStack}), null, 2)}\n`)
    return facts.exitCode
  } catch (failure) {
    if (failure instanceof StdoutClosedError) return stdoutClosedCode
    throw failure
  }
}
