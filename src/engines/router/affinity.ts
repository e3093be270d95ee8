/** Session affinity (platform.md b.8): a cookie that names a dyno, opaque to the client. */
export const affinityCookie = 'heroku-session-affinity'

const inCookieHeader = new RegExp(`^cookie:(?:[^\\r]*[;\\s])?${affinityCookie}=([0-9a-f]{32})(?![^;\\s])`, 'im')

/** The token in the Cookie header among these header lines. */
export function readAffinityToken(lines: string): string | undefined {
  return lines.includes(affinityCookie) ? inCookieHeader.exec(lines)?.[1] : undefined
}

/** The header line that pins a client to the dyno of this token. */
export function renderAffinityLine(token: string): string {
  return `Set-Cookie: ${affinityCookie}=${token}; Max-Age=86400; Path=/; HttpOnly\r\n`
}
