import type {TerminalSize} from '../model/terminal.ts'

/** What a client of a dyno's terminal says to it; the terminal's side answers with the bytes that are to be shown, and nothing else. */
export type TerminalFrame = {readonly kind: 'input'; readonly bytes: Buffer} | {readonly kind: 'resize'; readonly size: TerminalSize}

export const terminalProtocol = 'homeport-terminal'

/** One byte for the kind, four for the length of what follows. */
const headBytes = 5
const kinds = {input: 0, resize: 1} as const
const maxFrameBytes = 1024 * 1024

export function renderFrame(frame: TerminalFrame): Buffer {
  const payload = frame.kind === 'input' ? frame.bytes : Buffer.from(JSON.stringify(frame.size))
  const head = Buffer.alloc(headBytes)
  head.writeUInt8(kinds[frame.kind], 0)
  head.writeUInt32BE(payload.length, 1)
  return Buffer.concat([head, payload])
}

/** The frames of a stream of bytes, until it ends. Throws for what is none. */
export async function* readFrames(chunks: AsyncIterable<Buffer>): AsyncGenerator<TerminalFrame> {
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of chunks) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    while (rest.length >= headBytes) {
      const end = headBytes + rest.readUInt32BE(1)
      if (end > maxFrameBytes) throw new Error('The frame is too large.')
      if (rest.length < end) break
      yield readFrame(rest.readUInt8(0), rest.subarray(headBytes, end))
      rest = rest.subarray(end)
    }
  }
}

function readFrame(kind: number, payload: Buffer): TerminalFrame {
  if (kind === kinds.input) return {kind: 'input', bytes: payload}
  const {columns, rows} = JSON.parse(payload.toString())
  if (kind !== kinds.resize || !Number.isInteger(columns) || !Number.isInteger(rows)) throw new Error('This is no frame.')
  return {kind: 'resize', size: {columns, rows}}
}
