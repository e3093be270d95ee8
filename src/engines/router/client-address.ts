/** A client's address as it is told of: a v4 one always as v4, also where it came in by a socket for both families. */
export function clientAddress({remoteAddress = ''}: {readonly remoteAddress?: string | undefined}): string {
  return remoteAddress.startsWith('::ffff:') ? remoteAddress.slice(7) : remoteAddress
}
