/** Whether a process accepts connections on a unix socket. */
export async function isListening(path: string): Promise<boolean> {
  if (path === '') return false
  const {connect} = await import('node:net') // not needed by most who import this
  return new Promise(resolve => {
    const socket = connect(path)
    socket.on('error', () => resolve(false))
    socket.on('connect', () => {
      socket.destroy()
      resolve(true)
    })
  })
}
