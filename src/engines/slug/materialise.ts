import type {ObjectReader} from './object-reader.ts'
import type {SlugRecord} from './slug-records.ts'
import {atPath, walkTree} from './slug-tree.ts'
import {TreeWriter, type TreeWriterOptions} from './tree-writer.ts'

/**
 * Writes a slug's app folder out of the store, every file checked against its id, into a folder that is new or empty. Rejects
 * with DamagedPathError, after removing what it wrote. Gives others a turn with every frame.
 */
export async function materialise(
  {root}: Pick<SlugRecord, 'root'>,
  to: string,
  {objects, ...options}: TreeWriterOptions & {readonly objects: ObjectReader},
): Promise<void> {
  const writer = new TreeWriter(to, options)
  try {
    for (const {path, entry} of walkTree(objects, root)) {
      if (entry.kind === 'folder') writer.folder(path)
      else if (entry.kind === 'link') writer.link(path, entry.target)
      else {
        const prepared = atPath(path, () => objects.prepare(entry.content))
        if (prepared !== undefined) await prepared
        writer.openFile(path, entry)
        const parts = objects.parts(entry.content)
        for (let part = atPath(path, () => parts.next()); !part.done; part = atPath(path, () => parts.next())) writer.write(part.value)
        writer.closeFile()
      }
    }
    writer.finish()
  } catch (error) {
    writer.abandon()
    throw error
  }
}
