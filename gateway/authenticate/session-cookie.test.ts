import assert from 'node:assert/strict'
import { test } from 'node:test'
import cookie from '@fastify/cookie'
import Fastify from 'fastify'
import { createCookieJar } from './session-cookie.ts'

async function setCookieAt(publicUrl: string): Promise<string> {
  const app = Fastify()
  await app.register(cookie)
  const jar = createCookieJar(new URL(publicUrl))
  app.get('/', async (request, reply) => {
    jar.write(request, reply, 'micropay', 'sealed')
    return {}
  })
  const { headers } = await app.inject('/')
  await app.close()
  return String(headers['set-cookie'])
}

test('a site with https has its cookies for its host and for https alone', async () => {
  const text = await setCookieAt('https://pay.example')
  assert.match(text, /^__Host-micropay[^;]*=sealed; /)
  for (const attribute of ['Path=/', 'HttpOnly', 'Secure', 'SameSite=Lax']) {
    assert.ok(text.split('; ').includes(attribute), text)
  }
  assert.doesNotMatch(text, /Domain/i)
})

test('a site without https has no prefix that browsers would refuse there', async () => {
  const text = await setCookieAt('http://127.0.0.1:8080')
  assert.match(text, /^micropay[^;]*=sealed; /)
  assert.doesNotMatch(text, /Secure/)
})
