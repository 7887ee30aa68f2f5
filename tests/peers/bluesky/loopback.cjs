// Preload: whatever asks to listen, listens on this machine only. Chosen by `setup` and the tests
// because the servers below name no host, which means every interface.
const net = require('node:net')
const listen = net.Server.prototype.listen
net.Server.prototype.listen = function (...args) {
  if (args[0] && typeof args[0] === 'object' && 'port' in args[0]) {
    args[0] = { ...args[0], host: '127.0.0.1' }
  } else if (typeof args[0] === 'number' || typeof args[0] === 'string') {
    const rest = args.slice(1).filter((a) => typeof a === 'function')
    if (Number.isInteger(Number(args[0]))) args = [{ port: Number(args[0]), host: '127.0.0.1' }, ...rest]
  } else if (args[0] === undefined || typeof args[0] === 'function') {
    args = [{ port: 0, host: '127.0.0.1' }, ...args.filter((a) => typeof a === 'function')]
  }
  return listen.apply(this, args)
}
// Names of this machine resolve to where it listens.
require('node:dns').setDefaultResultOrder('ipv4first')
