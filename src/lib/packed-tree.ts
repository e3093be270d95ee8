/** A file of a tree, by its path inside it with `/` between names. */
export type TreeFile = {readonly path: string; readonly isExecutable: boolean; readonly data: Uint8Array}

type Entry = {readonly path: string; readonly isExecutable: boolean; readonly sizeBytes: number}

/** A tree of files as one run of bytes, the same for the same files whatever their order: the length of an index, the index, the data. */
export function packTree(files: readonly TreeFile[]): Uint8Array {
  const sorted = [...files].sort((one, other) => (one.path < other.path ? -1 : 1))
  const entries: Entry[] = sorted.map(({path, isExecutable, data}) => ({path, isExecutable, sizeBytes: data.length}))
  const index = Buffer.from(JSON.stringify(entries))
  const length = Buffer.alloc(4)
  length.writeUInt32LE(index.length)
  return Buffer.concat([length, index, ...sorted.map(({data}) => data)])
}

/** The files of a packed tree; their data are views of `bytes`. */
export function unpackTree(bytes: Uint8Array): readonly TreeFile[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let offset = 4 + buffer.readUInt32LE(0)
  const entries: readonly Entry[] = JSON.parse(buffer.toString('utf8', 4, offset))
  return entries.map(({path, isExecutable, sizeBytes}) => {
    const data = buffer.subarray(offset, offset + sizeBytes)
    offset += sizeBytes
    return {path, isExecutable, data}
  })
}
