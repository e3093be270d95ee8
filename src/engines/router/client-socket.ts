import type {Socket} from 'node:net'
import type {Duplex} from 'node:stream'

/** A client's end of a connection: a TCP or TLS socket, or one stream of HTTP/2 that looks like one. */
export type ClientSocket = Duplex & Pick<Socket, 'remoteAddress' | 'resetAndDestroy'>
