import type {Emit} from '../../model/event.ts'
import type {OutputWriter} from './output-writer.ts'

/** Shows what a build prints as it stands, in the platform's shape; nothing else. */
export function buildView(writer: Pick<OutputWriter, 'write'>): Emit {
  return event => {
    if (event.type === 'output' && !event.partial) writer.write(event.lines)
  }
}
