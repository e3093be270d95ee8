import {setTimeout as wait} from 'node:timers/promises'

/** Asks again and again until it is true, where no test runs yet. */
export async function until(what: string | (() => string), isTrue: () => Promise<boolean>, timeoutMs = 60_000): Promise<void> {
  const giveUpAt = Date.now() + timeoutMs
  while (!(await isTrue())) {
    if (Date.now() > giveUpAt) throw new Error(`Waited in vain for ${typeof what === 'string' ? what : what()}.`)
    await wait(200)
  }
}
