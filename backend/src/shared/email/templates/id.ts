import type { MailCatalogue } from './catalogue.js';

const NOT_YOU = 'Jika itu bukan Anda, segera pilih kata sandi baru dan periksa sesi Anda.';
const WHERE = 'Waktu: {{at}}. Alamat: {{ip}}.';

export const INDONESIAN: MailCatalogue = {
  language: 'id',
  greeting: 'Halo {{name}},',
  greetingWithoutName: 'Halo,',
  linkHint: 'Jika tombol tidak berfungsi, buka alamat ini:',
  footer: 'Dikirim oleh TelemetryFlow di {{host}}. Balasan ke alamat ini tidak dibaca.',
  mails: {
    verification: {
      subject: 'Konfirmasi alamat email Anda',
      paragraphs: ['konfirmasikan bahwa alamat ini milik Anda. Tautan berlaku satu kali, sampai {{expiresAt}}.'],
      action: 'Konfirmasi alamat',
      closing: ['Jika Anda tidak mendaftar, abaikan email ini.'],
    },
    invitation: {
      subject: 'Anda diundang ke TelemetryFlow',
      paragraphs: ['Anda diundang untuk bergabung dengan TelemetryFlow. Undangan berlaku sampai {{expiresAt}}.'],
      action: 'Terima undangan',
      closing: ['Jika Anda tidak tahu alasannya, abaikan email ini.'],
    },
    password_choice: {
      subject: 'Pilih kata sandi Anda',
      paragraphs: [
        'administrator telah membuat akun untuk Anda, {{email}}. Pilih kata sandi untuk masuk. Tautan berlaku satu kali, sampai {{expiresAt}}.',
      ],
      action: 'Pilih kata sandi',
      closing: ['Jika Anda tidak tahu alasannya, abaikan email ini.'],
    },
    password_reset: {
      subject: 'Atur ulang kata sandi Anda',
      paragraphs: [
        'seseorang, mungkin Anda, meminta kata sandi baru untuk {{email}}. Tautan berlaku satu kali, sampai {{expiresAt}}.',
        WHERE,
      ],
      action: 'Pilih kata sandi baru',
      closing: ['Jika itu bukan Anda, abaikan email ini: kata sandi Anda tidak berubah.'],
    },
    password_changed: {
      subject: 'Kata sandi Anda telah diubah',
      paragraphs: ['kata sandi {{email}} telah diubah, dan sesi Anda yang lain telah diakhiri.', WHERE],
      closing: [NOT_YOU],
    },
    password_set_by_administrator: {
      subject: 'Administrator telah mengatur kata sandi Anda',
      paragraphs: [
        'administrator telah mengatur kata sandi baru untuk {{email}}, dan sesi Anda telah diakhiri. Mintalah kepada mereka, lalu pilih yang lain setelah masuk.',
        'Waktu: {{at}}.',
      ],
      closing: ['Jika Anda tidak memintanya, beri tahu administrator Anda.'],
    },
    mfa_enabled: {
      subject: 'Masuk dua langkah aktif',
      paragraphs: ['mulai sekarang masuk sebagai {{email}} memerlukan kode dari aplikasi autentikator Anda.', WHERE],
      closing: [NOT_YOU],
    },
    mfa_disabled: {
      subject: 'Masuk dua langkah nonaktif',
      paragraphs: ['masuk sebagai {{email}} tidak lagi memerlukan kode: kata sandi saja sudah cukup.', WHERE],
      closing: [NOT_YOU],
    },
    account_locked: {
      subject: 'Akun Anda dikunci untuk sementara',
      paragraphs: [
        'setelah beberapa kali gagal masuk, terakhir pada {{at}} dari {{ip}}, akun Anda tidak dapat dimasuki sampai {{until}}. Akun terbuka kembali dengan sendirinya.',
      ],
      closing: [
        'Jika itu bukan Anda, mungkin ada yang menebak kata sandi Anda: pilih yang baru dan jangan gunakan di tempat lain.',
      ],
    },
    new_device: {
      subject: 'Perangkat baru telah masuk',
      paragraphs: ['seseorang masuk sebagai {{email}} dari perangkat yang belum pernah kami lihat: {{device}}.', WHERE],
      closing: [NOT_YOU],
    },
    recovery_email_changed: {
      subject: 'Alamat pemulihan Anda telah diubah',
      paragraphs: ['alamat pemulihan {{email}} mulai sekarang adalah alamat lain, atau tidak ada.', WHERE],
      closing: [NOT_YOU],
    },
  },
};
