/** Does `action` without the rights of root, so that file modes count: as root every file may be read. */
export function asNobody<T>(action: () => T): T {
  if (process.geteuid?.() !== 0) return action()
  process.seteuid?.(65_534)
  try {
    return action()
  } finally {
    process.seteuid?.(0)
  }
}
