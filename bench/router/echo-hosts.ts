/** Where the echo listens: to Homeport each is a dyno, and a dyno has 200 requests under way at the most (H11), upgraded ones too. */
export const echoHosts: readonly string[] = [1, 2, 3, 4, 5, 6, 7, 8].map(last => `127.0.0.${last}`)
