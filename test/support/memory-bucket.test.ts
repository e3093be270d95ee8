import {describeBucket} from './bucket-conformance.ts'
import {MemoryBucket} from './memory-bucket.ts'

const bucket = new MemoryBucket()
describeBucket('in memory', async () => bucket)
