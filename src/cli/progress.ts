import {writeNow} from './write.ts'

/** Does something that takes a while and tells so on stderr, in the platform's way: `Stopping hello... done` (platform.md i.1). */
export async function withProgress<T>(text: string, action: () => Promise<T>, outcome: (result: T) => string = () => ''): Promise<T> {
  writeNow(2, `${text}... `)
  try {
    const result = await action()
    const more = outcome(result)
    writeNow(2, `done${more === '' ? '' : `, ${more}`}\n`)
    return result
  } catch (error) {
    writeNow(2, '!\n')
    throw error
  }
}
