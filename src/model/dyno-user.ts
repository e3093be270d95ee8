/**
 * The users that dynos run as when Homeport runs as root: numbers that no distribution hands out (systemd's list calls
 * 60578–61183 unused), all below 65536, since a container may know no more. They need no line in /etc/passwd.
 */
export const firstDynoUid = 60_600
export const dynoUidCount = 500

/**
 * The user of every sandboxed dyno and build as root, and owner of the checkouts of slugs that root makes, so that a dyno
 * may change its copy of every file: a sandbox needs no uid of its own.
 */
export const sandboxUser = {uid: 60_599, gid: 60_599} as const
