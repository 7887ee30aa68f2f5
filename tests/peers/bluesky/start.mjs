// Runs a PLC directory and a PDS (with --appview also an AppView) in this process, on loopback and
// free ports, with an empty database. Prints one line of JSON when ready, and ends when its
// standard input ends, so that no test leaves it behind.
//
// --appview needs DB_POSTGRES_URL and REDIS_HOST.
import { createServer } from 'node:http'

import devEnv from '@atproto/dev-env'

const { TestNetwork, TestNetworkNoAppView } = devEnv

const ACCOUNTS = ['alice', 'bob', 'carol']
const PASSWORD = 'account-password'

// What the servers print is no answer: keep standard output for the one line.
const answer = process.stdout.write.bind(process.stdout)
process.stdout.write = process.stderr.write.bind(process.stderr)

async function call(service, name, body, token) {
  const response = await fetch(`${service}/xrpc/${name}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token ? { authorization: `Bearer ${token}` } : {}),
    },
    body: JSON.stringify(body),
  })
  if (!response.ok) throw new Error(`${name}: ${response.status} ${await response.text()}`)
  return response.json()
}

// Who knows what is talked about is a service of its own, which the AppView asks.
const trends = [
  {
    topic: 'late-snow',
    displayName: 'Late snow',
    link: '/topic/late-snow',
    startedAt: new Date(Date.now() - 3600_000).toISOString(),
    postCount: 12,
    dids: [],
  },
]
const topics = createServer((_, response) => {
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify({ trends }))
})
await new Promise((done) => topics.listen(0, '127.0.0.1', done))
topics.unref()

const appview = process.argv.includes('--appview')
const network = appview
  ? await TestNetwork.create({
      dbPostgresSchema: 'rostrum',
      bsky: { topicsUrl: `http://127.0.0.1:${topics.address().port}` },
    })
  : await TestNetworkNoAppView.create({})
const service = `http://127.0.0.1:${network.pds.port}`

const accounts = {}
for (const name of ACCOUNTS) {
  const handle = `${name}.test`
  const made = await call(service, 'com.atproto.server.createAccount', {
    handle,
    email: `${name}@example.test`,
    password: PASSWORD,
  })
  const app = await call(
    service,
    'com.atproto.server.createAppPassword',
    { name: 'rostrum' },
    made.accessJwt,
  )
  accounts[name] = { did: made.did, handle, password: PASSWORD, app_password: app.password }
}
if (appview) await network.processAll()

const stop = async () => {
  // A server that hangs on its way out must not keep the test waiting.
  setTimeout(() => process.exit(0), 3000).unref()
  await network.close().catch(() => {})
  process.exit(0)
}
process.stdin.on('end', stop)
process.stdin.on('close', stop)
process.on('SIGTERM', stop)
process.on('SIGINT', stop)

// `process`: wait until the AppView has seen everything.
// `claim <name> <handle>`: write a handle into the account's document, whosever it is.
async function told(line) {
  const [what, name, handle] = line.split(' ')
  if (what === 'claim') {
    const { plcClient, plcRotationKey } = network.pds.ctx
    await plcClient.updateHandle(accounts[name].did, plcRotationKey, handle)
    return 'claimed'
  }
  await network.processAll()
  return 'processed'
}
let pending = ''
process.stdin.setEncoding('utf8')
process.stdin.on('data', async (chunk) => {
  pending += chunk
  let end
  while ((end = pending.indexOf('\n')) >= 0) {
    const line = pending.slice(0, end)
    pending = pending.slice(end + 1)
    answer(`${JSON.stringify({ [await told(line)]: true })}\n`)
  }
})

answer(
  `${JSON.stringify({
    service,
    plc: network.plc.url,
    appview: appview ? network.bsky.url : null,
    appview_did: appview ? network.bsky.ctx.cfg.serverDid : null,
    accounts,
  })}\n`,
)
