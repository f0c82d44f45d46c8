// Makes ../minio-go.jsonl: uploads signed by minio-go, as they arrive on a socket, and altered copies of them.
//
//	apt-get install golang-go golang-github-minio-minio-go-v7-dev
//	GO111MODULE=off GOPATH=/usr/share/gocode go run tests/vectors/make/minio.go > tests/vectors/minio-go.jsonl
//
// A part of a multipart upload is what this version sends with trailers; a part has at least 5 MiB. So the
// library's signer is given what `executeMethod` in its api.go gives it, with a shorter body, and Go's own
// HTTP client sends the result. The date is fixed: the same version writes the same bytes.
package main

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/minio/minio-go/v7/pkg/signer"
)

const (
	accessKey = "AKIAIOSFODNN7EXAMPLE"
	secretKey = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
	region    = "us-east-1"
	version   = "minio-go 7.0.46 (Debian 7.0.46-1)"
)

var when = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)

type request struct {
	Method      string      `json:"method"`
	URI         string      `json:"uri"`
	HTTPVersion string      `json:"http_version"`
	Headers     [][2]string `json:"headers"`
	Body        string      `json:"body_b64"`
}

type received struct {
	request request
	body    []byte
}

// receive reads one request from a socket, byte for byte, and answers 200.
func receive(connection net.Conn) received {
	defer connection.Close()
	reader := bufio.NewReader(connection)
	var out received
	length := 0
	for first := true; ; first = false {
		line, err := reader.ReadString('\n')
		check(err)
		line = strings.TrimSuffix(line, "\r\n")
		if line == "" {
			break
		}
		if first {
			words := strings.Split(line, " ")
			out.request = request{Method: words[0], URI: words[1], HTTPVersion: "1.1"}
			continue
		}
		name, value, _ := strings.Cut(line, ":")
		value = strings.TrimSpace(value)
		out.request.Headers = append(out.request.Headers, [2]string{name, value})
		if strings.EqualFold(name, "content-length") {
			length, err = strconv.Atoi(value)
			check(err)
		}
	}
	out.body = make([]byte, length)
	_, err := io.ReadFull(reader, out.body)
	check(err)
	_, err = io.WriteString(connection, "HTTP/1.1 200 OK\r\nETag: \"00000000000000000000000000000000\"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
	check(err)
	return out
}

// upload signs and sends `content` as a part, and gives the bytes that arrived for it.
func upload(content []byte, token string) received {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	defer listener.Close()
	arrived := make(chan received)
	go func() {
		connection, err := listener.Accept()
		check(err)
		arrived <- receive(connection)
	}()
	url := "http://" + listener.Addr().String() + "/bucket/folder/object.bin?partNumber=1&uploadId=example"
	req, err := http.NewRequest(http.MethodPut, url, io.NopCloser(bytes.NewReader(content)))
	check(err)
	req.Host = "minio.example.com:9000"
	req.Header.Set("User-Agent", "MinIO (linux; amd64) minio-go/v7.0.46")
	sum := crc32.Checksum(content, crc32.MakeTable(crc32.Castagnoli))
	req.Trailer = make(http.Header, 1)
	req.Trailer.Set("x-amz-checksum-crc32c", base64.StdEncoding.EncodeToString(binary.BigEndian.AppendUint32(nil, sum)))
	req = signer.StreamingSignV4(req, accessKey, secretKey, token, region, int64(len(content)), when)
	transport := &http.Transport{DisableCompression: true}
	response, err := transport.RoundTrip(req)
	check(err)
	response.Body.Close()
	return <-arrived
}

func line(id string, it received, body []byte, token any, expect, reason string) {
	it.request.Body = base64.StdEncoding.EncodeToString(body)
	text, err := json.Marshal(map[string]any{
		"id": "minio-go/" + id, "class": "minio-go", "source": version, "request": it.request,
		"now":         when.Format("2006-01-02T15:04:05Z"),
		"credentials": []any{map[string]any{"access_key": accessKey, "secret_key": secretKey, "session_token": token}},
		"region":      region, "service": "s3",
		"profile": map[string]any{
			"path_encoding": "single", "normalize_path": false, "max_skew_s": 900,
			"presign_max_s": 604800, "require_content_sha256": true,
		},
		"expect": expect, "reason": reason,
	})
	check(err)
	fmt.Println(string(text))
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func main() {
	large := make([]byte, 70_000) // a chunk of 64 KiB and a shorter one
	for at := range large {
		large[at] = byte(at % 251)
	}
	token := "FwoGZXIvYXdzEJr//EXAMPLE+TOKEN/abc=="
	it := upload(large, "")
	line("two-chunks", it, it.body, nil, "accept", "as it came")
	it = upload([]byte("hello"), token)
	line("with-token", it, it.body, token, "accept", "as it came")
	it = upload([]byte("hello"), "")
	line("one-chunk", it, it.body, nil, "accept", "as it came")

	mark := []byte("\n\r\nx-amz-trailer-signature:")
	if bytes.Count(it.body, mark) != 1 {
		check(fmt.Errorf("no longer the form that this is about: %q", it.body))
	}
	replaced := func(with string) []byte { return bytes.Replace(it.body, mark, []byte(with), 1) }
	line("as-the-documentation-has-it", it, replaced("\r\nx-amz-trailer-signature:"), nil, "accept", "the same trailers, without the line feed")
	flipped := func(at int) []byte {
		out := append([]byte{}, it.body...)
		out[at] ^= 1
		return out
	}
	at := bytes.Index(it.body, mark)
	line("checksum-changed", it, flipped(at-1), nil, "reject", "the last character of the checksum")
	line("signature-changed", it, flipped(len(it.body)-5), nil, "reject", "the last digit of the trailers' signature")
	line("content-changed", it, flipped(bytes.Index(it.body, []byte("hello"))), nil, "reject", "a byte of the content")
	for _, form := range [][2]string{
		{"two-line-feeds", "\n\n\r\nx-amz-trailer-signature:"},
		{"line-feed-alone", "\nx-amz-trailer-signature:"},
		{"line-feed-and-end", "\n\r\n\r\nx-amz-trailer-signature:"},
		{"carriage-return-before", "\r\n\r\nx-amz-trailer-signature:"},
		{"line-feed-after-the-end", "\r\n\nx-amz-trailer-signature:"},
		{"another-trailer-in-between", "\n\r\nx-amz-meta-a:1\r\nx-amz-trailer-signature:"},
		{"another-line-before", "\nx-amz-meta-a:1\n\r\nx-amz-trailer-signature:"},
		{"signature-in-the-line", "\n\r\n\nx-amz-trailer-signature:"},
	} {
		line(form[0], it, replaced(form[1]), nil, "reject", "another form of the end of the trailers")
	}
	tail := it.body[:len(it.body)-4]
	line("signature-ended-so", it, append(append([]byte{}, tail...), "\n\r\n\r\n"...), nil, "reject", "the line feed after the signature")
	line("cut-after-the-line-feed", it, it.body[:at+1], nil, "reject", "the end did not come")
	line("cut-before-the-signature", it, it.body[:at+3], nil, "reject", "the end did not come")
}
