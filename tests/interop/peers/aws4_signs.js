// aws4_signs.js ENDPOINT KEY SECRET TOKEN REGION: signs with the npm package aws4 and sends.
// Prints a line for each mode: its name, a tab, the status that came back.
const http = require('http')
const path = require('path')
const aws4 = require(path.join(process.env.INTEROP_MODULES, 'aws4'))

const [endpoint, accessKeyId, secretAccessKey, sessionToken, region] = process.argv.slice(2)
const { host, hostname, port } = new URL(endpoint)

function send(options) {
  const signed = aws4.sign({ region, ...options, headers: { Host: host, ...options.headers } }, { accessKeyId, secretAccessKey, sessionToken })
  return new Promise((resolve, reject) => {
    const request = http.request({ method: signed.method, path: signed.path, headers: signed.headers, hostname, port }, response => {
      response.resume().on('end', () => resolve(response.statusCode))
    })
    request.on('error', reject).end(signed.body)
  })
}

const json = { 'content-type': 'application/json' }
const modes = [
  ['GET with a query', { service: 'execute-api', path: '/prod/pets?b=2&a=1&q=a%20b' }],
  ['POST of JSON', { service: 'execute-api', method: 'POST', path: '/prod/a%20b', body: '{"name":"Rex"}', headers: json }],
  ['JSON protocol', { service: 'dynamodb', method: 'POST', path: '/', body: '{}', headers: { 'x-amz-target': 'DynamoDB_20120810.ListTables' } }],
  ['S3 GET', { service: 's3', path: '/bucket/a%20b//caf%C3%A9' }],
  ['S3 PUT', { service: 's3', method: 'PUT', path: '/bucket/a%20b', body: 'hello' }],
  ['S3 presigned GET', { service: 's3', path: '/bucket/a%20b', signQuery: true }],
]
;(async () => {
  for (const [mode, options] of modes) console.log(`${mode}\t${await send(options)}`)
})()
