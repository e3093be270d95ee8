import {now, type RequestEvent} from '../../model/event.ts'
import type {RouterFault} from '../../model/router-fault.ts'
import {renderRouterLine} from '../../model/router-line.ts'

/**
 * What is told about one request: the `request` event itself. It is filled while the request is under way and emitted once, at its
 * end; nobody writes into it after that. `line` is rendered when it is read, so that a listener which wants none pays nothing.
 */
export class RequestRecord implements RequestEvent {
  readonly type = 'request'
  time = 0
  fault: RouterFault | undefined = undefined
  code?: string
  method: string
  path: string
  host: string
  requestId: string
  fwd: string
  dyno = ''
  connectMs?: number
  serviceMs?: number
  status?: number
  bytes?: number
  readonly protocol: string
  readonly tlsVersion: string | undefined

  constructor(
    head: {readonly method: string; readonly target: string; readonly host: string},
    requestId: string,
    fwd: string,
    protocol: string,
    tlsVersion?: string,
  ) {
    this.method = head.method
    this.path = head.target
    this.host = head.host
    this.requestId = requestId
    this.fwd = fwd
    this.protocol = protocol
    this.tlsVersion = tlsVersion
  }

  get line(): string {
    return renderRouterLine(this)
  }

  /** The request is over: how, and when. */
  close(fault: RouterFault | undefined, status: number | undefined): this {
    this.fault = fault
    if (fault?.code !== undefined) this.code = fault.code
    if (status !== undefined) this.status = status
    this.time = now()
    return this
  }
}
