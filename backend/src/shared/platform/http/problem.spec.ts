import { BadRequestException, HttpException, NotFoundException } from '@nestjs/common';
import { ErrorCode, Problem } from '@telemetryflow/contracts';
import { describe, expect, it } from 'vitest';
import { DomainError, UnavailableError, ValidationError } from '../errors.js';
import { problemOf, PROBLEMS } from './problem.js';

const SOURCE = { instance: '/api/v2/things', requestId: 'r-1' };

describe('problemOf', () => {
  it.each(ErrorCode.options)('gives %s a status and a title', (code) => {
    const { problem } = problemOf(new DomainError(code, 'why'), SOURCE);
    expect(Problem.parse(problem)).toMatchObject({ code, status: PROBLEMS[code].status, ...SOURCE });
    expect(problem.type).toMatch(/^urn:telemetryflow:problem:[a-z-]+$/);
  });

  it('lists all field errors', () => {
    const errors = [
      { path: 'name', code: 'too_small', message: 'is required' },
      { path: 'scope.type', code: 'invalid_value', message: 'must be tenant' },
    ];
    expect(problemOf(new ValidationError(errors), SOURCE).problem).toMatchObject({ status: 400, errors });
  });

  it('passes on when a retry makes sense', () => {
    expect(problemOf(new UnavailableError('away', 7), SOURCE)).toMatchObject({
      problem: { status: 503 },
      retryAfterSeconds: 7,
      unexpected: false,
    });
  });

  it.each([
    [new BadRequestException('Unexpected token } in JSON'), 400, 'MALFORMED_REQUEST'],
    [new NotFoundException('Cannot GET /secret'), 404, 'NOT_FOUND'],
    [Object.assign(new Error('FST_ERR_CTP_BODY_TOO_LARGE'), { statusCode: 413 }), 413, 'PAYLOAD_TOO_LARGE'],
    [Object.assign(new Error('FST_ERR_CTP_INVALID_MEDIA_TYPE'), { statusCode: 415 }), 415, 'UNSUPPORTED_MEDIA_TYPE'],
    [new HttpException('teapot', 418), 500, 'INTERNAL'],
    [new Error('password of db is hunter2'), 500, 'INTERNAL'],
    [new DomainError('INTERNAL', 'password of db is hunter2'), 500, 'INTERNAL'],
    ['a string', 500, 'INTERNAL'],
  ])('answers %o without its inside', (error, status, code) => {
    const { problem, unexpected } = problemOf(error, SOURCE);
    expect(problem).toMatchObject({ status, code });
    expect(problem.detail).not.toMatch(/hunter2|FST_ERR|Cannot GET|Unexpected token/);
    expect(unexpected).toBe(status === 500);
  });
});
