import Fastify from 'fastify'

/**
 * The floor: a bare Fastify route that answers a constant to the same POST. What a ledger adds on top is what it costs.
 */
const app = Fastify()
app.post('/v1/payments', async (_request, reply) => reply.code(201).send({ status: 'posted' }))
const address = await app.listen({ port: 0, host: '127.0.0.1' })
process.send?.({ address })
process.on('disconnect', () => process.exit(0))
