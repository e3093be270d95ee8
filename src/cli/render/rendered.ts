import type {Stream} from '../../model/event.ts'

/** Bytes to write, and whereto; none when the event is not shown in this form. */
export type Rendered = {readonly stream: Stream; readonly data: Buffer}
