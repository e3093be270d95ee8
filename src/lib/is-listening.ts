/** Whether a process accepts connections on a unix socket. */
export function isListening(path: string): Promise<boolean> {
  if (path === '') return Promise.resolve(false)
  // Loaded only here: most who import this never ask.
  const {connect} = process.getBuiltinModule('node:net')
  return new Promise(resolve => {
    const socket = connect(path)
    socket.on('error', () => resolve(false))
    socket.on('connect', () => {
      socket.destroy()
      resolve(true)
    })
  })
}
