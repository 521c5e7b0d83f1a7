# Written by `make dist` from release/hrhost.rb.tmpl.
class Hrhost < Formula
  desc "Probe what a sandbox profile really does"
  homepage "https://github.com/hrhost/hrhost"
  version "1.2.3"
  license "MIT"

  on_macos do
    on_arm do
      url "https://github.com/hrhost/hrhost/releases/download/v1.2.3/hrhost-1.2.3-darwin-arm64.tar.gz"
      sha256 "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    end
    on_intel do
      url "https://github.com/hrhost/hrhost/releases/download/v1.2.3/hrhost-1.2.3-darwin-amd64.tar.gz"
      sha256 "4bf5122f344554c53bde2ebb8cd2b7e3d1600ad631c385a5d7cce23c7785459a"
    end
  end

  on_linux do
    on_intel do
      url "https://github.com/hrhost/hrhost/releases/download/v1.2.3/hrhost-1.2.3-linux-amd64.tar.gz"
      sha256 "dbc1b4c900ffe48d575b5da5c638040125f65db0fe3e24494b76ea986457d986"
    end
  end

  # hrhost looks for its plugins beside itself, after following links.
  def install
    libexec.install Dir["bin/*"]
    bin.install_symlink libexec/"hrhost"
    man1.install "man/man1/hrhost.1"
    bash_completion.install "completions/hrhost.bash" => "hrhost"
    zsh_completion.install "completions/_hrhost"
    fish_completion.install "completions/hrhost.fish"
    pkgshare.install "config.toml", "sb"
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/hrhost --version")
    system bin/"hrhost", "init"
    assert_path_exists testpath/"config.toml"
  end
end
