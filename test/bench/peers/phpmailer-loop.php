<?php
// PHPMailer with SMTPKeepAlive: one connection, one message after the other, a JSON line per recipient.
// Usage: php phpmailer-loop.php LIST TEMPLATE_HTML TEMPLATE_TEXT PORT LOG

declare(strict_types=1);

use PHPMailer\PHPMailer\Exception;
use PHPMailer\PHPMailer\PHPMailer;

require '/usr/share/php/libphp-phpmailer/autoload.php';

[, $listPath, $htmlPath, $textPath, $port, $logPath] = $argv;

// The same file as mailshot reads: header lines, a blank line, the body.
// With CRLF, or every line end becomes =0A in the message.
[$head, $html] = explode("\r\n\r\n", str_replace("\n", "\r\n", file_get_contents($htmlPath)), 2);
$text = str_replace("\n", "\r\n", file_get_contents($textPath));
$headers = [];
foreach (explode("\r\n", $head) as $line) {
	[$name, $value] = explode(': ', $line, 2);
	$headers[$name] = $value;
}
preg_match('/^(.*) <(.*)>$/', $headers['From'], $from);

function fill(string $template, array $row, bool $escape): string
{
	$replace = [];
	foreach ($row as $name => $value) {
		$replace['{{' . $name . '}}'] = $escape ? htmlspecialchars($value) : $value;
	}
	return strtr($template, $replace);
}

$mail = new PHPMailer(true);
$mail->isSMTP();
$mail->Host = '127.0.0.1';
$mail->Port = (int) $port;
$mail->SMTPKeepAlive = true;
$mail->SMTPAutoTLS = false;
$mail->CharSet = PHPMailer::CHARSET_UTF8;
$mail->Encoding = PHPMailer::ENCODING_QUOTED_PRINTABLE;
$mail->setFrom($from[2], $from[1]);
$mail->isHTML(true);

$list = fopen($listPath, 'r');
$log = fopen($logPath, 'x');
$columns = fgetcsv($list, escape: '');
for ($number = 1; ($cells = fgetcsv($list, escape: '')) !== false; $number++) {
	$started = hrtime(true);
	$row = array_combine($columns, $cells);
	$status = 'accepted';
	$error = '';
	try {
		$mail->clearAddresses();
		$mail->addAddress($row['email'], "{$row['first_name']} {$row['last_name']}");
		$mail->Subject = fill($headers['Subject'], $row, false);
		$mail->Body = fill($html, $row, true);
		$mail->AltBody = fill($text, $row, false);
		$mail->send();
	} catch (Exception $failure) {
		$status = 'failed';
		$error = $failure->getMessage();
	}
	fwrite($log, json_encode([
		'timestamp' => gmdate('Y-m-d\TH:i:s\Z'),
		'status' => $status,
		'recipient' => $row['email'],
		'row' => $number,
		'message_id' => $mail->getLastMessageID(),
		'smtp_response' => $status === 'accepted' ? $mail->getSMTPInstance()->getLastReply() : $error,
		'size_bytes' => strlen($mail->getSentMIMEMessage()),
		'smtp_ms' => (hrtime(true) - $started) / 1e6,
	], JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES) . "\n");
}
$mail->smtpClose();
