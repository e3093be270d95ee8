/** What runs in a thread beside Homeport's own: see thread-job.ts. */
import {parentPort, workerData} from 'node:worker_threads'
import {answerJob, type Job} from './thread-job.ts'

void answerJob(workerData as Job).then(answer => parentPort?.postMessage(answer))
