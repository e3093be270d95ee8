/** What the command line learned from its environment, once; it travels down as a value (house: no process.env below `cli`). */
export type Settings = {
  /** Private folders (0700), made on first use: what must last, what may be made again, sockets and pid files. */
  readonly stateDir: string
  readonly cacheDir: string
  readonly runtimeDir: string
  /** Folders for sockets whose path below `runtimeDir` would be too long, best first (lib/socket-path.ts). */
  readonly shortRuntimeDirs: readonly string[]
  /** `HOMEPORT_TIME_SCALE`, 1 by default. */
  readonly timeScale: number
  readonly debug: boolean
  /** The argv that starts this very program again: `[binary]`, or `[node, main.ts]` in a checkout. To be started with this process's own environment. */
  readonly self: readonly string[]
  /** The shell's environment without Homeport's own settings: what a dyno of a folder inherits. */
  readonly shellEnv: Readonly<Record<string, string>>
}
