/** The first port that `start` tries when nobody names one: Heroku's own. */
export const defaultPort = 5006
/** The same for HTTPS. */
export const defaultTlsPort = 5443

export type PortWishes = {
  /** `-p`, or what stands for it: a flag that is taken is an error, all else moves on to the next free port. */
  readonly flag?: number
  /** `HOMEPORT_PORT` of the shell, or `port` of `.homeport.env` and `.foreman`. */
  readonly variable?: number
  /** `PORT` of `.env`. */
  readonly envFile?: number
}

export type RouterPort = {
  /** 0 means any free port. */
  readonly port: number
  /** A port the user typed is never swapped for another one. */
  readonly isFixed: boolean
}

/** Where the router listens: flag, else HOMEPORT_PORT, else PORT in `.env`, else 5006 (cli.md section 2, `--port`). */
export function planPort({flag, variable, envFile}: PortWishes): RouterPort {
  if (flag !== undefined) return {port: flag, isFixed: flag !== 0}
  return {port: variable ?? envFile ?? defaultPort, isFixed: false}
}

/** Where HTTPS is spoken: `--tls-port`, else its variable, else 5443; any free port when that is what HTTP was given. */
export function planTlsPort({flag, variable}: Omit<PortWishes, 'envFile'>, http: RouterPort): RouterPort {
  if (flag !== undefined) return {port: flag, isFixed: flag !== 0}
  return {port: variable ?? (http.port === 0 ? 0 : defaultTlsPort), isFixed: false}
}
