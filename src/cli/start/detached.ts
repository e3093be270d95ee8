/** Tells the process in the background that it is one: it shows no log, and fails when the app does not come up. */
export const detachedVariable = 'HOMEPORT_DETACHED'
