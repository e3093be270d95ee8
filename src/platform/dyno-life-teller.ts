import {advanceDyno, type DynoHappening, newDyno} from '../model/dyno-state.ts'
import {type Emit, now, platformLine} from '../model/event.ts'
import type {Limits} from '../model/limits.ts'

export type LifeTellerOptions = {readonly emit: Emit; readonly limits: Limits; readonly isolation: string}

/** Tells what the platform says in the life of one dyno that is in no formation, in the lines of platform.md c.1. */
export class DynoLifeTeller {
  readonly #name: string
  readonly #options: LifeTellerOptions
  #life = newDyno

  constructor(name: string, options: LifeTellerOptions) {
    this.#name = name
    this.#options = options
  }

  happen(happening: DynoHappening): void {
    const {emit, limits, isolation} = this.#options
    const {life, lines, change} = advanceDyno(this.#life, happening, limits)
    this.#life = life
    for (const line of lines) {
      // Who shows the `state` event shows it as this line.
      const isState = change !== undefined && line.startsWith('State changed ')
      emit(isState ? {type: 'state', time: now(), dyno: this.#name, ...change, isolation} : platformLine(this.#name, line, now()))
    }
  }
}
