import {renderPlace} from '../../model/error.ts'
import type {Paint} from '../colour.ts'
import type {ErrorFacts} from '../describe-error.ts'

/** One block (cli.md section 1): the message, the place where there is one, the hint; the stack below when `withStack` or when it is our bug. */
export function renderError(error: ErrorFacts, paint: Paint, {withStack = false} = {}): string {
  const lines = [
    `${paint('red', 'Error:')} ${printable(error.message)}`,
    ...(error.place === undefined ? [] : [printable(renderPlace(error.place))]),
    ...(error.hint === undefined ? [] : [printable(error.hint)]),
  ]
  const block = renderBlock(lines.join('\n'), paint('red', '›'))
  const stack = (withStack || error.class === 'BUG') && error.stack !== undefined ? `${printable(error.stack)}\n` : ''
  return block + stack
}

/** ` ›   Warning: MESSAGE`, in the shape of an error. */
export function renderWarning(message: string, paint: Paint): string {
  return renderBlock(`${paint('yellow', 'Warning:')} ${printable(message)}`, paint('yellow', '›'))
}

/** The error as the one JSON document of `--json`; keys that do not apply are left out. */
export function errorDocument(error: ErrorFacts, {withStack = false} = {}): {readonly error: Readonly<Record<string, unknown>>} {
  return {
    error: {
      code: error.code,
      class: error.class,
      exitCode: error.exitCode,
      message: error.message,
      ...(error.hint === undefined ? {} : {hint: error.hint}),
      ...error.place,
      ...((withStack || error.class === 'BUG') && error.stack !== undefined ? {stack: error.stack} : {}),
    },
  }
}

function renderBlock(text: string, bar: string): string {
  return text
    .split('\n')
    .map(line => ` ${bar}   ${line}\n`)
    .join('')
}

/** Text from files and other programs must not steer the terminal. */
export function printable(text: string): string {
  return text.replaceAll('\t', '  ').replaceAll(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g, '\ufffd')
}
