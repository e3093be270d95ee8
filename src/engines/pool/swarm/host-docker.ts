import type {Readable} from 'node:stream'
import type {Dial} from '../../../lib/dial.ts'
import type {ComposedImage} from '../compose-image.ts'
import {DockerApi, DockerError} from './docker-api.ts'

/** How a host stands to the swarm of its pool. */
export type SwarmMembership = {readonly isMember: boolean; readonly isManager: boolean; readonly isLeader: boolean; readonly nodeId: string}

type Info = {readonly Swarm?: {readonly LocalNodeState?: string; readonly ControlAvailable?: boolean; readonly NodeID?: string}}
type Image = {readonly Id: string; readonly RepoTags?: readonly string[] | null}

const ourImage = /^homeport\.invalid\/slug:/

/** The engine of one host, for what is done there by our own program. */
export class HostDocker {
  readonly #api: DockerApi

  constructor(dial: Dial) {
    // Pulling or loading a stack takes its time.
    this.#api = new DockerApi({managers: [{name: 'this host', dial}], timeoutMs: 300_000, leaderMs: 0})
  }

  async hasImage(reference: string): Promise<boolean> {
    try {
      await this.#api.get(`/images/${encodeURIComponent(reference)}/json`)
      return true
    } catch (error) {
      if (error instanceof DockerError && error.status === 404) return false
      throw error
    }
  }

  /** Loads an archive of images; rejects when the engine says that it did not. */
  async loadImage(archive: Readable, image: ComposedImage): Promise<void> {
    const said = await this.#api.send('/images/load', archive)
    if (!(await this.hasImage(image.id))) throw new Error(`The engine did not take the image ${image.id}: ${said.trim().slice(-500)}`)
  }

  async pullImage(reference: string): Promise<void> {
    const said = await this.#api.send(`/images/create?fromImage=${encodeURIComponent(reference)}`, undefined)
    if (!(await this.hasImage(reference))) throw new Error(`The image ${reference} cannot be pulled: ${said.trim().slice(-500)}`)
  }

  /** Removes our images but those of `kept`; what a dyno uses stays. */
  async removeSlugImages(kept: readonly ComposedImage[]): Promise<void> {
    const images = await this.#api.get<readonly Image[]>('/images/json')
    for (const {Id, RepoTags} of images) {
      for (const tag of RepoTags ?? []) {
        if (!ourImage.test(tag) || kept.some(image => image.id === Id || image.tag === tag)) continue
        await this.#api.remove(`/images/${encodeURIComponent(tag)}`).catch(error => {
          if (!(error instanceof DockerError && error.status === 409)) throw error
        })
      }
    }
  }

  async membership(): Promise<SwarmMembership> {
    const {Swarm: swarm = {}} = await this.#api.get<Info>('/info')
    const isMember = swarm.LocalNodeState === 'active' || swarm.LocalNodeState === 'pending'
    const isManager = swarm.ControlAvailable === true
    const nodeId = swarm.NodeID ?? ''
    return {isMember, isManager, isLeader: isManager && (await this.#isLeader(nodeId)), nodeId}
  }

  async initSwarm(address: string): Promise<void> {
    await this.#api.post('/swarm/init', {body: {ListenAddr: '0.0.0.0:2377', AdvertiseAddr: address, DataPathAddr: address}})
  }

  async joinTokens(): Promise<{readonly manager: string; readonly worker: string}> {
    const {JoinTokens} = await this.#api.get<{JoinTokens: {Manager: string; Worker: string}}>('/swarm')
    return {manager: JoinTokens.Manager, worker: JoinTokens.Worker}
  }

  /** May say that it goes on in the background: `membership` tells. */
  async joinSwarm({
    token,
    addresses,
    own,
  }: {
    readonly token: string
    readonly addresses: readonly string[]
    readonly own: string
  }): Promise<void> {
    const RemoteAddrs = addresses.map(address => `${address}:2377`)
    await this.#api.post('/swarm/join', {
      body: {ListenAddr: '0.0.0.0:2377', AdvertiseAddr: own, DataPathAddr: own, RemoteAddrs, JoinToken: token},
    })
  }

  /** Forgets a swarm that this host could not get into, or was thrown out of. */
  async leaveSwarm(): Promise<void> {
    await this.#api.post('/swarm/leave', {query: {force: 'true'}})
  }

  async #isLeader(node: string): Promise<boolean> {
    try {
      const {ManagerStatus} = await this.#api.get<{ManagerStatus?: {Leader?: boolean}}>(`/nodes/${node}`)
      return ManagerStatus?.Leader === true
    } catch {
      return false
    }
  }
}
