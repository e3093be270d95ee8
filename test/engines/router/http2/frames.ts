/** Frames of HTTP/2 as bytes (RFC 9113), for what no library would send. */

export const preface = Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), frame(4, 0, 0)])

export const types = {data: 0, headers: 1, reset: 3, settings: 4, goaway: 7, continuation: 9} as const
export const endStream = 1
export const endHeaders = 4

export type Field = readonly [name: string, value: string]

/** A request that is in order. */
export const plain: readonly Field[] = [
  [':method', 'GET'],
  [':scheme', 'https'],
  [':path', '/'],
  [':authority', 'app.localhost'],
]

export function frame(type: number, flags: number, stream: number, payload: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head.writeUInt8(type, 3)
  head.writeUInt8(flags, 4)
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

/** Fields as literals that no table remembers; names and values of less than 127 bytes. */
export function fieldBlock(fields: readonly Field[]): Buffer {
  return Buffer.concat(fields.flatMap(field => [Buffer.from([0]), ...field.map(literal)]))
}

function literal(text: string): Buffer {
  return Buffer.concat([Buffer.from([text.length]), Buffer.from(text, 'latin1')])
}

export function request(stream: number, fields: readonly Field[]): Buffer {
  return frame(types.headers, endStream | endHeaders, stream, fieldBlock(fields))
}

/** The frames in what came: type, stream, and the error code of those that have one. */
export function readFrames(text: string): readonly {readonly type: number; readonly stream: number; readonly errorCode: number}[] {
  const bytes = Buffer.from(text, 'latin1')
  const frames = []
  for (let at = 0; at + 9 <= bytes.length; ) {
    const size = bytes.readUIntBE(at, 3)
    if (at + 9 + size > bytes.length) break
    const type = bytes.readUInt8(at + 3)
    const errorAt = type === types.reset ? at + 9 : type === types.goaway ? at + 13 : undefined
    frames.push({type, stream: bytes.readUInt32BE(at + 5), errorCode: errorAt === undefined ? 0 : bytes.readUInt32BE(errorAt)})
    at += 9 + size
  }
  return frames
}
