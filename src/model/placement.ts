import type {DynoGroup} from './dyno-group.ts'
import type {Host} from './pool.ts'

export type Placement = {
  /** Host id -> dynos of each group by its index in `groups`. */
  readonly onHost: ReadonlyMap<string, readonly number[]>
  /** Dynos for which no host has room, with the reason as the user reads it. */
  readonly pending: readonly {readonly app: string; readonly type: string; readonly missing: number; readonly reason: string}[]
}

/**
 * Where a spreading engine would put the dynos of `groups`: largest first, each on the ready host with the most free memory.
 * Used to say beforehand that a release does not fit, and why. Linear in dynos times the logarithm of hosts.
 */
export function planPlacement(groups: readonly DynoGroup[], hosts: readonly Host[]): Placement {
  const heap = new FreestFirst(hosts.filter(host => host.state === 'ready').map(host => ({id: host.id, freeBytes: host.memoryFreeBytes})))
  const onHost = new Map<string, number[]>()
  const pending: Placement['pending'][number][] = []
  const order = groups
    .map((group, index) => ({group, index}))
    .sort((one, other) => other.group.size.memoryBytes - one.group.size.memoryBytes)
  for (const {group, index} of order) {
    const {memoryBytes} = group.size
    for (let placed = 0; placed < group.quantity; placed++) {
      const id = heap.take(memoryBytes)
      if (id === undefined) {
        const reason = `no host has ${Math.ceil(memoryBytes / 1024 ** 2)} MB free for a ${group.size.name} dyno`
        pending.push({app: group.app, type: group.type, missing: group.quantity - placed, reason})
        break
      }
      const list = onHost.get(id)
      if (list === undefined) onHost.set(id, [index])
      else list.push(index)
    }
  }
  return {onHost, pending}
}

type Room = {readonly id: string; freeBytes: number}

/** A binary heap whose root has the most room. */
class FreestFirst {
  readonly #rooms: Room[]

  constructor(rooms: Room[]) {
    this.#rooms = rooms.sort((one, other) => other.freeBytes - one.freeBytes)
  }

  take(bytes: number): string | undefined {
    const root = this.#rooms[0]
    if (root === undefined || root.freeBytes < bytes) return undefined
    root.freeBytes -= bytes
    this.#sink(root)
    return root.id
  }

  #sink(room: Room): void {
    const rooms = this.#rooms
    for (let at = 0; ; ) {
      const left = rooms[2 * at + 1]
      const right = rooms[2 * at + 2]
      const child = right !== undefined && left !== undefined && right.freeBytes > left.freeBytes ? right : left
      if (child === undefined || child.freeBytes <= room.freeBytes) return
      const childAt = child === left ? 2 * at + 1 : 2 * at + 2
      rooms[at] = child
      rooms[childAt] = room
      at = childAt
    }
  }
}
